# Writes convergence.csv: what R's posterior says of draws that this script and convergence.cpp
# make alike, by a recurrence in integers and basic arithmetic alone.
#   Rscript convergence.R > convergence.csv        (made with posterior 1.4.0, R 4.2.2)
suppressMessages(library(posterior))

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

autoregression <- function(u, phi) {
  y <- 0
  for (i in seq_along(u)) u[i] <- y <- phi * y + (u[i] - 0.5)
  u
}

make <- function(kind, chains, draws) {
  sapply(seq_len(chains), function(chain) {
    u <- uniforms(draws, 1000 * chain + draws)
    i <- seq_len(draws)
    switch(kind,
      uniform = u,
      slow = autoregression(u, 0.9),
      very_slow = autoregression(u, 0.99),
      antithetic = autoregression(u, -0.75),
      alternating = ifelse(i %% 2 == 0, 1, -1) * (1 + u / 100),
      apart = u + 0.25 * chain,
      wider = (u - 0.5) * chain,
      heavy = (u - 0.5) / (u * u),
      outlier = ifelse(i == 7, 1e300, 1 + u / 1e6),
      coarse = floor(5 * u),
      symmetric = floor(21 * u) - 10,
      rare = ifelse(u < 0.02, 1, 0),
      sticky = u[i - i %% 7 + 1],
      signed_zero = ifelse(u < 0.3, -0.0, ifelse(u < 0.6, 0.0, u)),
      offset = 1000 + u,
      small = u / 1e9,
      constant = rep(0.1, draws),
      nearly_constant = u / 1e17,
      one_stuck = if (chain == 1) rep(0.5, draws) else u,
      each_stuck = rep(chain, draws),
      infinite = ifelse(i == 3 & chain == 1, Inf, u),
      both_infinite = ifelse(i == 3, Inf, ifelse(i == 4, -Inf, u)),
      mostly_infinite = ifelse(u < 0.7, Inf, u),
      missing = ifelse(i == 3 & chain == 1, NaN, u))
  })
}

cases <- rbind(
  data.frame(kind = c("uniform", "slow", "very_slow", "antithetic", "alternating", "apart", "wider",
                      "heavy", "outlier", "coarse", "symmetric", "rare", "sticky", "signed_zero",
                      "offset", "small", "constant", "nearly_constant", "one_stuck", "each_stuck",
                      "infinite", "both_infinite", "mostly_infinite", "missing"),
             chains = 4, draws = 200),
  data.frame(kind = c("uniform", "slow", "symmetric"), chains = 3, draws = 251),
  data.frame(kind = c("uniform", "very_slow"), chains = 1, draws = 333),
  data.frame(kind = c("uniform", "heavy", "very_slow"), chains = 4, draws = 1000),
  data.frame(kind = "uniform", chains = 4, draws = c(1, 5, 6, 7, 11, 13)),
  data.frame(kind = "alternating", chains = 2, draws = c(10, 14, 40)))

# Not 2 or 3 draws per chain: there posterior takes chains for draws (R drops a dimension).
or_nan <- function(f) tryCatch(suppressWarnings(as.numeric(f)), error = function(e) NaN)
probs <- c(0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
names <- c("mean", "sd", "mcse_mean", "mcse_sd", paste0("q", 100 * probs),
           paste0("mcse_q", c(5, 50, 95)), "rhat", "ess_bulk", "ess_tail")
cat("kind,chains,draws,", paste(names, collapse = ","), "\n", sep = "")
for (k in seq_len(nrow(cases))) {
  case <- cases[k, ]
  x <- matrix(make(case$kind, case$chains, case$draws), ncol = case$chains)
  figures <- c(or_nan(mean(x)), or_nan(sd(x)), or_nan(mcse_mean(x)), or_nan(mcse_sd(x)),
               or_nan(quantile2(x, probs)), or_nan(mcse_quantile(x, c(0.05, 0.5, 0.95))),
               or_nan(rhat(x)), or_nan(ess_bulk(x)), or_nan(ess_tail(x)))
  text <- ifelse(is.na(figures), "nan", sprintf("%.17g", figures))
  cat(case$kind, case$chains, case$draws, tolower(text), sep = ",")
  cat("\n")
}
