# Writes prior_sensitivity.csv: sensitivities by the definition of power scaling (Kallioinen, Paananen,
# Buerkner & Vehtari 2024; priorsense is not in Debian), with R's loo for the weights, of draws that
# this script and prior_sensitivity.cpp make alike.
#   Rscript prior_sensitivity.R              (made with loo 2.5.1, R 4.2.2)
suppressMessages(library(loo))

# Lehmer's generator (Park & Miller 1988): every product is exact in double precision.
uniforms <- function(count, seed) {
  u <- numeric(count)
  state <- seed
  for (i in seq_len(count)) {
    state <- (16807 * state) %% 2147483647
    u[i] <- state / 2147483647
  }
  u
}

draws <- 2000
u <- uniforms(3 * draws, 77)
x <- u[1:draws] + u[draws + 1:draws] - 1              # symmetric about 0
z <- -log(u[2 * draws + 1:draws])                     # skewed, positive
log_prior <- -0.5 * ((x - 1) / 0.5)^2 - 0.7 * z
log_lik <- -2 * (x + 0.5)^2 * z - 3 * x

power_scaled <- function(component, alpha) {
  as.vector(weights(suppressWarnings(psis((alpha - 1) * component, r_eff = 1)), log = FALSE))
}

# sqrt(int (P log2(P / M) + Q log2(Q / M)) / int (P + Q)), M = (P + Q) / 2, of draws and the same weighted
one_sided <- function(x, w) {
  o <- order(x)
  width <- diff(x[o])
  P <- (seq_along(x) / length(x))[-length(x)]
  Q <- cumsum(w[o])[-length(x)]
  M <- (P + Q) / 2
  part <- function(F) ifelse(F > 0, F * log2(F / M), 0)
  sqrt(sum(width * (part(P) + part(Q))) / sum(width * (P + Q)))
}
distance <- function(x, w) max(one_sided(x, w), one_sided(-x, w))
sensitivity <- function(x, component) {
  (distance(x, power_scaled(component, 0.99)) + distance(x, power_scaled(component, 1.01))) /
    (2 * log2(1.01))
}

number <- function(x) sprintf("%.17g", x)
out <- file("prior_sensitivity.csv", "w")
writeLines("prior,likelihood,distance,mean,sd", out)
for (q in list(x, z)) {
  w <- power_scaled(log_lik, 1.25)
  m <- sum(w * q)
  writeLines(paste(number(c(sensitivity(q, log_prior), sensitivity(q, log_lik), distance(q, w), m,
                            sqrt(sum(w * (q - m)^2)))), collapse = ","), out)
}
close(out)
