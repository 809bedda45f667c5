# Writes pooling.csv: what R's lm says of radon.csv and sleepstudy.csv, and, for sleepstudy, of each
# subject alone.
#   Rscript pooling.R radon.csv sleepstudy.csv > pooling.csv        (R 4.2.2)
files <- commandArgs(trailingOnly = TRUE)
line <- function(data, quantity, value, se) {
  cat(sprintf("%s,%s,%.17g,%.17g\n", data, quantity, value, se))
}
whole <- function(name, fit) {
  s <- summary(fit)
  for (k in rownames(s$coefficients)) {
    line(name, sub("(Intercept)", "Intercept", k, fixed = TRUE), s$coefficients[k, 1],
         s$coefficients[k, 2])
  }
  line(name, "sigma", s$sigma, 0)
  line(name, "r_squared", s$r.squared, 0)
  line(name, "residual_df", fit$df.residual, 0)
}
cat("data,quantity,value,se\n")
radon <- read.csv(files[1])
whole("radon", lm(log_radon ~ floor + log_uranium, radon))
sleep <- read.csv(files[2])
whole("sleepstudy", lm(Reaction ~ Days, sleep))
for (subject in unique(sleep$Subject)) {
  own <- coef(lm(Reaction ~ Days, sleep[sleep$Subject == subject, ]))
  line("subject", paste0(subject, " Intercept"), own[1], 0)
  line("subject", paste0(subject, " Days"), own[2], 0)
}
