# Writes information.csv and comparison.csv: what R's loo says of log likelihoods that this script and
# information.cpp make alike.
#   Rscript information.R                    (made with loo 2.5.1, R 4.2.2)
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

# Dependent draws of a mean, four chains of 250; rows further and further out.
chains <- 4
draws <- 250
mean_draws <- numeric(0)
for (chain in seq_len(chains)) {
  u <- uniforms(draws, 1000 + chain)
  x <- 0
  for (i in seq_len(draws)) {
    x <- 0.6 * x + (u[i] - 0.5)
    mean_draws <- c(mean_draws, x)
  }
}
rows <- 12
log_lik <- sapply(seq_len(rows), function(i) -0.5 * (0.8 * i - mean_draws)^2 * (1 + i / 4) - 0.1 * i)
chain_id <- rep(seq_len(chains), each = draws)
r_eff <- relative_eff(exp(log_lik), chain_id = chain_id)
given <- suppressWarnings(loo(log_lik, r_eff = r_eff))
one <- suppressWarnings(loo(log_lik, r_eff = rep(1, rows)))
w <- suppressWarnings(waic(log_lik))

number <- function(x) sprintf("%.17g", x)
out <- file("information.csv", "w")
writeLines("r_eff,elpd,p,k,elpd_one,p_one,k_one,elpd_waic,p_waic", out)
for (i in seq_len(rows)) {
  writeLines(paste(number(c(r_eff[i], given$pointwise[i, c("elpd_loo", "p_loo")],
                            given$diagnostics$pareto_k[i],
                            one$pointwise[i, c("elpd_loo", "p_loo")], one$diagnostics$pareto_k[i],
                            w$pointwise[i, c("elpd_waic", "p_waic")])), collapse = ","), out)
}
# The last line: sums and standard errors.
writeLines(paste(number(c(given$estimates["elpd_loo", ], given$estimates["p_loo", ],
                          given$estimates["looic", ], w$estimates["elpd_waic", ], 0)),
                 collapse = ","), out)
close(out)

# Three models, 40 rows: elpd_diff, se_diff, stacking weight, pseudo-BMA weight without bootstrap.
made <- function(elpd) {
  pointwise <- cbind(elpd_loo = elpd)
  n <- length(elpd)
  structure(list(estimates = cbind(Estimate = c(elpd_loo = sum(elpd)), SE = sqrt(n * var(elpd))),
                 pointwise = pointwise), class = c("psis_loo", "importance_sampling_loo", "loo"))
}
u <- matrix(uniforms(120, 99), 40, 3)
lpd <- cbind(log(u[, 1]), log(0.2 + u[, 2]) - 0.3, log(u[, 3]) - 0.4)
compared <- loo_compare(list(made(lpd[, 1]), made(lpd[, 2]), made(lpd[, 3])))
weights <- stacking_weights(lpd, optim_control = list(reltol = 1e-14))
out <- file("comparison.csv", "w")
writeLines("elpd_diff,se_diff,weight", out)
for (k in 1:3) {
  row <- paste0("model", k)
  writeLines(paste(number(c(compared[row, c("elpd_diff", "se_diff")], weights[k])), collapse = ","), out)
}
close(out)
