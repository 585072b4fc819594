# Agreement of two assessors by the package psych. Run: Rscript raters.R > raters.txt
# psych::cohen.kappa, weighted: Cohen's kappa with quadratic weights. psych::ICC, ICC2: Shrout and Fleiss's ICC(2,1), by anova.
# It also writes the invented scores it analyses, raters.csv. "judges" are judges 1 and 4 of Shrout and Fleiss (1979), table 2.
suppressMessages(library(psych))
show <- function(x) formatC(x, digits = 10, format = "g", flag = "#")
set.seed(20260311)
grades <- function(n) {
  truth <- rnorm(n, 2.6, 0.8)
  one <- pmin(pmax(round(truth + rnorm(n, 0, 0.4)), 1), 4)
  other <- pmin(pmax(round(truth + 0.3 + rnorm(n, 0, 0.4)), 1), 4)
  cbind(one, other)
}
points <- function(n) {
  truth <- rnorm(n, 30, 9)
  cbind(round(truth + rnorm(n, 0, 4)), round(truth + 2 + rnorm(n, 0, 4)))
}
cases <- list(
  judges = cbind(c(9, 6, 8, 7, 10, 6), c(8, 2, 8, 6, 9, 7)),
  grades = grades(40),
  halves = cbind(c(3, 2.5, 4, 1, 2, 3.5, 3, 2), c(3, 3, 3.5, 1.5, 2, 3, 2.5, 2.5)),
  points = points(25),
  opposed = cbind(c(1, 2, 3, 4, 2), c(4, 3, 2, 1, 3))
)
rows <- list()
for (name in names(cases)) {
  x <- cases[[name]]
  icc <- ICC(x, lmer = FALSE)$results["Single_random_raters", "ICC"]
  # Kappa needs whole categories, unused ones too: weights go by their places. Halves are doubled.
  whole <- if (all(x == round(x))) x else 2 * x
  kappa <- suppressWarnings(cohen.kappa(whole, levels = min(whole):max(whole)))$weighted.kappa
  cat(name, show(c(icc, kappa)), "\n")
  rows[[name]] <- data.frame(case = name, one = x[, 1], other = x[, 2])
}
write.csv(do.call(rbind, rows), "raters.csv", row.names = FALSE, quote = FALSE)
