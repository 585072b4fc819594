# Random-effects summaries by metafor itself. Run: Rscript meta.R > meta.txt
# Paule-Mandel; Knapp and Hartung's interval, not narrower than with factor 1 ("adhoc"); prediction interval with k - 2 df
# from the same standard error, which metafor's own predict() gives with k - 1 here. metafor 3.8-1, R 4.2.2.
suppressPackageStartupMessages(library(metafor))
show <- function(x) formatC(x, digits = 9, format = "g", flag = "#")
cases <- list(
  three = list(c(-1.52, -0.84, -0.91), c(0.103, 0.078, 0.069)),
  five = list(c(-1.06, -1.52, -0.84, -0.91, -0.33), c(0.11, 0.103, 0.078, 0.069, 0.25)),
  alike = list(c(-0.95, -1.0, -0.97, -1.02), c(0.1, 0.2, 0.15, 0.12)),
  points = list(c(-8.61, -5.2, -12.4, -7.7, -9.9, -3.1), c(0.63, 1.4, 2.2, 0.9, 1.1, 3.0))
)
for (name in names(cases)) {
  y <- cases[[name]][[1]]
  error <- cases[[name]][[2]]
  fit <- rma(y, sei = error, method = "PM", test = "adhoc", control = list(tol = 1e-14, maxiter = 1000))
  k <- length(y)
  apart <- qt(0.975, k - 2) * sqrt(fit$tau2 + fit$se^2)
  cat(name, show(c(fit$b, fit$se, fit$ci.lb, fit$ci.ub, fit$b - apart, fit$b + apart, fit$tau2, fit$QE)), "\n")
}
