# Ratings of wines (Randall 1989, Biometrical Journal 31, 781-795), as the R package ordinal has them (2022.11-16), and
# its maxima of the likelihood: the figures of tests/posterior/ordinal.cpp.
library(ordinal)
write.csv(wine[, -1], "wine.csv", row.names = FALSE, quote = FALSE)
for (link in c("logit", "probit", "cloglog")) {
  fit <- clm(rating ~ temp + contact, data = wine, link = link, control = clm.control(gradTol = 1e-12))
  cat(link, c(logLik(fit)), coef(fit), "\n")
}
for (nodes in c(1, 25)) for (link in c("logit", "probit")) {
  fit <- clmm(rating ~ temp + contact + (1 | judge), data = wine, nAGQ = nodes, link = link,
              control = clmm.control(gradTol = 1e-10, maxIter = 500))
  cat(link, nodes, fit$logLik, coef(fit), sqrt(diag(VarCorr(fit)$judge)), "\n")
}
