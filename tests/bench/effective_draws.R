# Effective draws of a tarn chain file by posterior::ess_bulk, as the peers' are, and the means of
# its main parameters. Prints JSON.   usage: Rscript effective_draws.R FILE
file <- commandArgs(TRUE)[1]
variables <- rhdf5::h5ls(file, recursive = 2)
variables <- with(variables, name[group == "/posterior" & grepl("x", dim)])

# One row per parameter that varies; its draws are a matrix, iterations by chains.
figures <- function(variable) {
  x <- rhdf5::h5read(file, paste0("posterior/", variable))
  size <- dim(x)  # own axes, draw, chain
  dim(x) <- c(prod(head(size, -2)), tail(size, 2))
  one <- function(i) {
    if (diff(range(x[i, , ])) < 1e-9) return(NULL)  # such as the diagonal of a correlation matrix
    data.frame(name = sprintf("%s[%d]", variable, i), ess = posterior::ess_bulk(x[i, , ]),
               mean = mean(x[i, , ]), mcse = posterior::mcse_mean(x[i, , ]))
  }
  do.call(rbind, parallel::mclapply(seq_len(nrow(x)), one, mc.cores = 2))
}
all <- do.call(rbind, lapply(variables, figures))
worst <- which.min(all$ess)
cat(jsonlite::toJSON(list(parameters = nrow(all), least = all$ess[worst], worst = all$name[worst],
                          main = all[!startsWith(all$name, "r_"), c("name", "mean", "mcse")]),
                     auto_unbox = TRUE, digits = 10))
