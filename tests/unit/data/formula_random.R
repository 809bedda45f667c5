# Writes formula_random.csv and formula_random.txt: what R makes of random formulas, for the test
# formula_random. `Rscript formula_random.R`, in this folder; `Rscript formula_random.R 7 1000` makes
# a thousand others by the seed 7, to be tried and not kept.
#
# formula <tab> rows used <tab> text, then a line for each column of the design matrix: its label,
# and the sum of its values, each times a weight that the test knows; last the same of lm's fitted
# values. Columns of interactions that are 0 in every row are not among them. `refused` stands for a
# matrix that is rank deficient for another reason.
library(splines)
Sys.setlocale("LC_COLLATE", "C")
given <- as.integer(commandArgs(TRUE))
set.seed(if (length(given) > 0) given[1] else 20)
count <- if (length(given) > 1) given[2] else 360
n <- 72
d <- data.frame(
  y = round(rnorm(n, 2), 3), x = round(rexp(n) + .1, 3), z = round(rnorm(n, 5), 3),
  w = sample(c(1, 2.5, 10), n, TRUE), u = round(3 * rnorm(n), 2), k = sample(1:4, n, TRUE),
  g = sample(c("a", "b", "c"), n, TRUE), h = sample(c("u", "v"), n, TRUE),
  m = sample(c("Zeta", "alpha", "Beta", "x y"), n, TRUE), e = sample(c("p", "q", "r"), n, TRUE),
  t = sprintf("%02d", sample(1:12, n, TRUE)), l = round(rnorm(n), 2))
d$e[d$g == "c" & d$e == "r"] <- "q"        # an empty cell, of levels that are not the first
d$h[d$m == "x y" & d$h == "v"] <- "u"
d$l[c(3, 17, 40)] <- NA
write.csv(d, "formula_random.csv", row.names = FALSE, quote = FALSE, na = "")
for (name in c("g", "h", "m", "e")) d[[name]] <- factor(d[[name]])

plain <- c("x", "z", "w", "u", "k", "log(x)", "sqrt(x)", "exp(-z)", "abs(u)", "sign(u)", "trunc(u)",
  "floor(u)", "ceiling(z)", "log2(x)", "log10(x)", "log1p(x)", "expm1(x)", "sin(u)", "cos(z)",
  "tan(x)", "atan(u)", "tanh(u)", "round(u)", "round(x, 1)", "round(z, digits = 2)",
  "round(x * 10, -1)", "signif(x, 2)", "I(x^2)", "I(x * z)", "I(x/w)", "I(-x)", "I(u %/% 2)",
  "I(u %% 3)", "I(x %% 0.1)", "I(k %% 2)", "I(x %/% 0.1)", "I(pi * x)", "I(1/(x + w))",
  "pmin(x, z)", "pmax(u, 0)", "pmin(x, z, 2)", "pmax(0, u - 1)", "log(x, 2)", "log(x, base = 10)",
  "log(x, 3)", "ifelse(x > 1, z, 0)", "ifelse(x > 1 & g == \"a\", 1, 0)",
  "ifelse(u > 0 | h != \"v\", x, -x)", "ifelse(g %in% c(\"a\", \"b\"), u, 1)", "as.numeric(k)",
  "as.integer(z)", "as.numeric(t)", "as.integer(t)", "as.numeric(factor(g))", "as.numeric(u > 1)",
  "as.numeric(cut(z, 4))", "cut(x, c(0, 0.5, 1, 20), labels = FALSE)", "plogis(u)", "atan2(x, z)",
  "I((x > 1) * z)", "as.numeric(as.character(k))", "I(2^-x)", "I((x - 1)^3)")
learnt <- c("poly(x, 2)", "poly(z, 3)", "poly(x, 2, raw = TRUE)", "poly(u, degree = 2)",
  "poly(x, z, degree = 2)", "poly(u, z, degree = 2, raw = TRUE)", "bs(x, df = 4)", "ns(z, df = 3)",
  "bs(z, knots = c(4.5, 5.5), degree = 2)", "ns(u, knots = c(-1, 1))", "scale(x)",
  "scale(z, scale = FALSE)", "scale(w, center = FALSE)", "scale(u, 1, 2)", "scale(log(x))",
  "I(x - mean(x))", "I((z - mean(z))/sd(z))", "I(u/max(u))", "I(x > median(x))")
factors <- c("g", "h", "m", "e", "factor(k)", "as.factor(w)", "I(x > 1)", "I(g == \"b\")",
  "I(u > 0 & x < 2)", "cut(z, 3)", "cut(x, c(0, 0.5, 1, 20))", "cut(u, 3, include.lowest = TRUE)",
  "cut(z, c(0, 4, 5, 6, 9), right = FALSE)", "cut(x, 3, labels = c(\"low\", \"mid\", \"high\"))",
  "cut(u, c(-Inf, -1, 1, Inf))", "cut(z, breaks = seq(1, 9, by = 2))", "cut(x, quantile(x), include.lowest = TRUE)",
  "relevel(g, ref = \"b\")", "relevel(factor(k), ref = \"3\")", "relevel(m, \"alpha\")",
  "interaction(g, h)", "interaction(h, factor(k), sep = \"_\")", "C(g, contr.sum)",
  "C(m, contr.helmert)", "C(factor(k), contr.sum)", "ifelse(u > 0, \"up\", \"down\")",
  "as.character(k)", "factor(g, levels = c(\"c\", \"a\", \"b\"))",
  "factor(k, levels = c(4, 2, 1, 3), labels = c(\"d\", \"b\", \"a\", \"c\"))",
  "factor(u > 1)", "factor(round(z))")
pool <- list(plain, learnt, factors)
atom <- function(kinds = c(.45, .15, .4)) sample(sample(pool, 1, prob = kinds)[[1]], 1)
few <- function() atom(c(.5, 0, .5))

term <- function() {
  kind <- sample(8, 1, prob = c(6, 3, 3, 1, 1, 1, 1, 1))
  switch(kind, atom(), paste0(few(), ":", atom()), paste(atom(c(.4, .1, .5)), "*", few()),
         paste0(sample(c("g", "h", "e"), 1), "/", few()),
         sprintf("(%s + %s + %s)^2", few(), few(), sample(c("g", "h", "x"), 1)),
         sprintf("%s %%in%% %s", few(), sample(c("g", "h"), 1)),
         sprintf("(%s + %s):%s", few(), few(), few()),
         sprintf("%s + l", sample(plain, 1)))
}
random <- function() {
  terms <- replicate(sample(3, 1, prob = c(3, 4, 2)), term())
  text <- paste(terms, collapse = " + ")
  if (runif(1) < .1) text <- paste(text, "-", few())
  if (runif(1) < .2) text <- if (runif(1) < .5) paste("0 +", text) else paste(text, "- 1")
  if (runif(1) < .1) text <- paste0(text, " + offset(", sample(c("x", "log(w)", "0.5 * z"), 1), ")")
  paste("y ~", text)
}

weights <- function(rows) (seq_len(rows) * 0.6180339887498949) %% 1 - 0.5
written <- function(v) sprintf("%.13g", sum(v * weights(length(v))))
one <- function(text) {
  formula <- as.formula(text)
  # Rows that l lacks change what is learnt: R learns from all rows, tarn from those used.
  used <- intersect(all.vars(formula), names(d))
  rows <- d[stats::complete.cases(d[used]), ]
  frame <- model.frame(formula, rows, drop.unused.levels = TRUE)
  X <- model.matrix(formula, frame)
  if (any(!is.finite(X)) || ncol(X) > 28 || ncol(X) == 0) return(NULL)
  zero <- colSums(X != 0) == 0
  if (any(zero & !grepl(":", colnames(X), fixed = TRUE))) return(NULL)
  X <- X[, !zero, drop = FALSE]
  if (ncol(X) == 0) return(NULL)
  intercept <- attr(terms(formula), "intercept") == 1
  size <- sqrt(colSums(scale(X, center = intercept, scale = FALSE)^2))
  if (intercept) size[1] <- sqrt(nrow(X))
  if (any(size == 0)) return(NULL)
  pivots <- abs(diag(qr.R(qr(sweep(X, 2, sqrt(colSums(X^2)), "/"), tol = 0))))
  smallest <- min(pivots)
  if (smallest > 1e-13 && smallest < 1e-5) return(NULL)
  head <- paste("formula", nrow(X), text, sep = "\t")
  if (smallest < 1e-13) return(c(head, "refused"))
  y <- model.response(frame)
  offset <- model.offset(frame)
  if (!is.null(offset)) y <- y - offset
  fitted <- lm.fit(X, y, tol = 1e-11)$fitted.values
  labels <- sub("(Intercept)", "Intercept", colnames(X), fixed = TRUE)
  c(head, paste(labels, apply(X, 2, written), sep = "\t"), paste("fitted", written(fitted), sep = "\t"))
}

# Each function stands in one formula at least, the others are random.
texts <- paste("y ~", unlist(pool))
out <- list()
refused <- 0
while (length(out) < count) {
  text <- if (length(texts) > 0) texts[1] else random()
  texts <- texts[-1]
  made <- tryCatch(one(text), error = function(e) NULL)
  if (is.null(made) || text %in% names(out)) next
  if (made[2] == "refused") {
    if (refused >= count / 15) next
    refused <- refused + 1
  }
  out[[text]] <- made
}
writeLines(unlist(out), "formula_random.txt")
cat(length(out), "formulas,", refused, "of them refused\n")
