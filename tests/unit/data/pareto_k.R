# Writes pareto_k.csv: what R's loo says of importance ratios that this script and
# pareto.cpp make alike.
#   Rscript pareto_k.R > pareto_k.csv        (made with loo 2.5.1, R 4.2.2)
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

# Log ratios with tails of the shape given: -shape * log(u) is that of a Pareto distribution.
cat("shape,count,r_eff,k,greatest,mean\n")
for (shape in c(-0.5, 0.1, 0.5, 0.9, 1.5)) {
  for (count in c(100, 1000)) {
    for (r_eff in c(1, 0.3, 1.7)) {
      u <- uniforms(count, 12345)
      log_ratios <- if (shape < 0) log(1 - u) else -shape * log(u)
      smoothed <- suppressWarnings(psis(log_ratios, r_eff = r_eff))
      log_weights <- weights(smoothed, log = TRUE, normalize = TRUE)[, 1]
      cat(sprintf("%.17g,%d,%.17g,%.17g,%.17g,%.17g\n", shape, count, r_eff,
                  smoothed$diagnostics$pareto_k, max(log_weights), mean(log_weights)))
    }
  }
}
