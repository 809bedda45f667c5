# Writes formula.csv and formula.txt: what R makes of formulas, for the test formula_columns.
# Of each column of the design matrix: its label, its sum, the sum of value times row number, and
# the sum of squares. The formulas are those that formula.txt holds already: add a line
# "formula<tab>y ~ ..." and run this.
library(splines)
formulas <- sub("formula\t", "", grep("^formula\t", readLines("formula.txt"), value = TRUE))
set.seed(3)
n <- 40
d <- data.frame(
  y = round(rnorm(n), 3), x = round(rexp(n) + .1, 3), z = round(rnorm(n, 5), 3),
  w = sample(c(1, 2.5, 10), n, TRUE), k = sample(1:4, n, TRUE),
  g = sample(c("a", "b", "c"), n, TRUE), h = sample(c("u", "v"), n, TRUE),
  m = sample(c("Zeta", "alpha", "Beta", "x y"), n, TRUE))
d$`my x` <- round(runif(n), 3)
write.csv(d, "formula.csv", row.names = FALSE, quote = FALSE)
for (name in c("g", "h", "m")) {
  d[[name]] <- factor(d[[name]], levels = sort(unique(d[[name]]), method = "radix"))
}

out <- character()
for (text in formulas) {
  formula <- as.formula(text)
  X <- model.matrix(formula, model.frame(formula, d))
  out <- c(out, paste0("formula\t", text))
  for (j in seq_len(ncol(X))) {
    label <- sub("(Intercept)", "Intercept", colnames(X)[j], fixed = TRUE)
    v <- X[, j]
    out <- c(out, paste(label, sprintf("%.17g", sum(v)), sprintf("%.17g", sum(v * seq_len(n))),
                        sprintf("%.17g", sum(v^2)), sep = "\t"))
  }
}
writeLines(out, "formula.txt")
