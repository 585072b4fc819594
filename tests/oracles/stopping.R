# Who stops, and by which session patients have responded. Run: Rscript stopping.R > stopping.txt
# It also writes the invented grades it analyses, stopping.csv: a row per course, blank is unseen.
suppressMessages(library(survival))
options(digits = 15)
show <- function(x) ifelse(is.na(x), "nan", formatC(x, digits = 10, format = "g", flag = "#"))
row <- function(...) cat(paste(..., sep = " "), "\n", sep = "")

# A logistic regression on counts.
gain <- c(-1, 0, 1, 2, 3, 0, 1, 2)
later <- c(0, 0, 0, 0, 0, 1, 1, 1)
stopped <- c(1, 3, 4, 6, 3, 2, 5, 4)
at_risk <- c(9, 20, 15, 12, 4, 14, 13, 6)
fitted <- summary(glm(cbind(stopped, at_risk - stopped) ~ gain + later, binomial, control = glm.control(epsilon = 1e-14)))$coefficients
for (i in 1:3) row("glm", c("constant", "gain", "later")[i], show(fitted[i, 1]), show(fitted[i, 2]))

# Courses of up to 5 sessions.
set.seed(20260103)
n <- 90
start <- sample(2:4, n, TRUE, c(0.2, 0.4, 0.4))
pace <- rgamma(n, 4, 4)
grades <- sapply(0:5, function(k) pmin(4, pmax(1, round(start - pace * 1.3 * (1 - 0.7^k) + rnorm(n, 0, 0.35 * (k > 0))))))
for (i in seq_len(n)) for (k in 1:4)
  if (!is.na(grades[i, k + 1]) && runif(1) < plogis(-2 + 1.2 * (grades[i, 1] - grades[i, k + 1]))) {
    grades[i, (k + 2):6] <- NA
    break
  }
last <- apply(!is.na(grades), 1, function(seen) max(which(seen)) - 1)
missed <- sapply(0:5, function(k) runif(n) < 0.08 & k > 0 & k < last)
grades[missed] <- NA
colnames(grades) <- paste0("after_", 0:5)
end <- ifelse(last < 5 & runif(n) < 0.2, "ongoing", "stopped")
write.csv(data.frame(grades, end), "stopping.csv", row.names = FALSE, quote = FALSE, na = "")

# The first response that the next assessment, if there is one, confirms.
first <- sapply(seq_len(n), function(i) {
  seen <- which(!is.na(grades[i, ]))
  holds <- grades[i, seen] <= grades[i, 1] - 1
  confirmed <- holds & c(holds[-1], TRUE)
  if (any(confirmed)) seen[which(confirmed)[1]] - 1 else NA
})
time <- ifelse(is.na(first), last, first)
able <- grades[, 1] > 1
for (level in c(0.95, 0.9)) {
  curve <- summary(survfit(Surv(time[able], !is.na(first[able])) ~ 1, conf.type = "log-log", conf.int = level), times = 1:5, extend = TRUE)
  for (k in 1:5) row("survfit", level, k, curve$n.risk[k], show(1 - curve$surv[k]), show(1 - curve$upper[k]), show(1 - curve$lower[k]))
}

# Stopping after sessions 1 to 4 on the last recorded change, a constant for each session.
rows <- do.call(rbind, lapply(seq_len(n), function(i) do.call(rbind, lapply(1:4, function(k) {
  leaves <- last[i] == k && end[i] == "stopped"
  if (last[i] < k || (last[i] == k && !leaves)) return(NULL)
  recorded <- grades[i, 1:(k + 1)]
  data.frame(gain = grades[i, 1] - tail(recorded[!is.na(recorded)], 1), session = k, leaves)
}))))
found <- summary(glm(leaves ~ gain + factor(session), binomial, rows, control = glm.control(epsilon = 1e-14)))$coefficients["gain", ]
for (level in c(0.95, 0.9)) {
  z <- qnorm((1 + level) / 2)
  row("hazard", level, sum(rows$leaves), show(exp(found[1])), show(exp(found[1] - z * found[2])), show(exp(found[1] + z * found[2])))
}
