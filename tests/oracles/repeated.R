# Means, standard errors and -2 REML of repeated scores by nlme. Run: Rscript repeated.R > repeated.txt
# It also writes the invented records it analyses: repeated_small.csv and repeated_groups.csv.
suppressMessages(library(nlme))
options(digits = 15)
show <- function(x) formatC(x, digits = 12, format = "g", flag = "#")
row <- function(...) cat(paste(..., sep = " "), "\n", sep = "")

invented <- function(groups, per_group, visits, slope_sd, missed) {
  subject <- rep(seq_len(groups * per_group), each = length(visits))
  visit <- rep(visits, groups * per_group)
  group <- c("A", "B", "C")[(subject - 1) %/% per_group + 1]
  start <- rnorm(groups * per_group, 50, 8)[subject]
  slope <- rnorm(groups * per_group, 2, slope_sd)[subject]
  score <- round(start - slope * visit + rnorm(length(visit), 0, 3 + 0.2 * visit), 1)
  keep <- visit == 0 | runif(length(visit)) > missed
  data.frame(subject = sprintf("P%03d", subject), group, visit, score)[keep, ]
}

set.seed(20260101)
small <- invented(1, 26, 0:3, 0.8, 0.15)
set.seed(20260102)
groups <- invented(3, 30, c(0, 1, 2, 4, 8), 0.8, 0.12)
groups <- groups[!(groups$group == "C" & groups$visit == 8), ]
write.csv(small, "repeated_small.csv", row.names = FALSE, quote = FALSE)
write.csv(groups, "repeated_groups.csv", row.names = FALSE, quote = FALSE)

printed <- function(name, structure, scores, fitted) {
  row(name, structure, "minus2_reml_loglik", "-", "-", show(-2 * as.numeric(logLik(fitted))))
  estimates <- if (inherits(fitted, "lme")) fixef(fitted) else coef(fitted)
  errors <- sqrt(diag(vcov(fitted)))
  cells <- do.call(rbind, strsplit(sub("^cell", "", names(estimates)), "_"))
  for (i in seq_along(estimates)) {
    row(name, structure, "estimate", cells[i, 1], cells[i, 2], show(estimates[i]))
    row(name, structure, "std_error", cells[i, 1], cells[i, 2], show(errors[i]))
  }
}

first <- glsControl(tolerance = 1e-12, msTol = 1e-15, maxIter = 500, msMaxIter = 5000)
second <- glsControl(tolerance = 1e-14, msTol = 1e-16, maxIter = 500, msMaxIter = 5000, opt = "optim", optimMethod = "BFGS")

for (name in c("repeated_small", "repeated_groups")) {
  scores <- if (name == "repeated_small") small else groups
  scores$cell <- factor(paste(scores$group, scores$visit, sep = "_"))
  scores$place <- match(scores$visit, sort(unique(scores$visit)))
  unstructured <- gls(score ~ 0 + cell, scores,
    correlation = corSymm(form = ~ place | subject), weights = varIdent(form = ~ 1 | place), control = first)
  # Once more from there by another optimiser: the first one stops some 1e-5 short of the maximum.
  unstructured <- gls(score ~ 0 + cell, scores, control = second,
    correlation = corSymm(coef(unstructured$modelStruct$corStruct, unconstrained = FALSE), form = ~ place | subject),
    weights = varIdent(coef(unstructured$modelStruct$varStruct, unconstrained = FALSE), form = ~ 1 | place))
  printed(name, "unstructured", scores, unstructured)
  slope <- lme(score ~ 0 + cell, scores, random = ~ visit | subject,
    control = lmeControl(tolerance = 1e-12, msTol = 1e-13, niterEM = 200, maxIter = 500, msMaxIter = 5000))
  printed(name, "random_slope", scores, slope)
}
