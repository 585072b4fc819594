# Intervals by R itself. Run: Rscript intervals.R > intervals.txt
options(digits = 12)
row <- function(...) cat(paste(..., sep = " "), "\n", sep = "")
show <- function(x) ifelse(is.na(x), "nan", formatC(x, digits = 10, format = "g", flag = "#"))

# k of n: the score interval without continuity correction, Newcombe (1998), method 3.
for (case in list(c(81, 263), c(15, 148), c(0, 20), c(1, 29), c(29, 29), c(3, 7), c(999, 100000))) {
  for (level in c(0.95, 0.9)) {
    ends <- suppressWarnings(prop.test(case[1], case[2], conf.level = level, correct = FALSE))$conf.int
    row("wilson", case[1], case[2], level, show(ends[1]), show(ends[2]))
  }
}

# Changes in hundredths of a grade.
change <- c(-100, -100, 0, -200, -50, 100, -100, 0)
for (level in c(0.95, 0.9)) {
  ends <- t.test(change, conf.level = level)$conf.int
  row("t", length(change), show(mean(change)), show(var(change)), level, show(ends[1]), show(ends[2]))
}

# Fieller's set is every ratio r that a paired t test does not reject: mean(top - r * bottom) = 0. Its ends are found as
# roots of the t statistic, not by the formula under test.
top <- c(4, 7, 1, 0, 6, 3, 5, 2)
bottom <- c(9, 11, 6, 4, 12, 5, 10, 7)
ratio <- mean(top) / mean(bottom)
for (level in c(0.95, 0.9)) {
  critical <- qt((1 + level) / 2, length(top) - 1)
  statistic <- function(r) abs(t.test(top, r * bottom, paired = TRUE)$statistic) - critical
  low <- uniroot(statistic, c(-2, ratio - 1e-6), tol = 1e-14)$root
  high <- uniroot(statistic, c(ratio + 1e-6, 3), tol = 1e-14)$root
  row("fieller", length(top), show(mean(top)), show(mean(bottom)), show(var(top)), show(var(bottom)), show(cov(top, bottom)), level, show(low), show(high))
}

# k of n exactly, Clopper and Pearson (1934).
for (case in list(c(0, 31), c(0, 1), c(1, 29), c(3, 7), c(7, 7), c(15, 148), c(999, 100000))) {
  for (level in c(0.95, 0.9)) {
    ends <- binom.test(case[1], case[2], conf.level = level)$conf.int
    row("clopper_pearson", case[1], case[2], level, show(ends[1]), show(ends[2]))
  }
}

# Limits of a funnel: counts of n by chance alone.
for (case in list(c(10, 0.1), c(31, 0.02), c(229, 0.05), c(1000, 0.5))) {
  for (level in c(0.998, 0.95)) {
    ends <- qbinom(c((1 - level) / 2, (1 + level) / 2), case[1], case[2]) / case[1]
    row("chance_limits", case[1], case[2], level, show(ends[1]), show(ends[2]))
  }
}

# Ranks of the values that hold the median: the largest rank r with P(X < r) <= alpha / 2, X ~ binomial(n, 1/2).
for (n in c(6, 7, 20, 33, 250)) {
  below <- max(which(pbinom(0:n, n, 0.5) <= 0.025))
  row("median_ranks", n, below, n - below + 1)
}
