# Means, changes and -2 REML of clinic_240.csv by mmrm and emmeans. Run: Rscript clinic_240.R > clinic_240.json
# clinic_240.json was made by R 4.2.2 with mmrm 0.3.18 before this script was written down: it is the same analysis, and
# its layout the same up to the order of rows.
library(mmrm)
library(emmeans)
scores <- read.csv("clinic_240.csv")
scores$session <- factor(scores$session)
scores$skin_type <- factor(scores$skin_type, levels = c("I", "II", "III", "IV", "V", "VI"))
scores$patient_id <- factor(scores$patient_id)

table_of <- function(estimates) {
  found <- as.data.frame(summary(estimates, infer = c(TRUE, FALSE)))
  names(found)[match(c("SE", "lower.CL", "upper.CL"), names(found))] <- c("std_error", "conf_low", "conf_high")
  names(found)[names(found) == "emmean"] <- "estimate"
  found
}

analysed <- function(structure, vcov) {
  formula <- as.formula(sprintf("score ~ 0 + skin_type:session + %s(session | patient_id)", structure))
  fitted <- mmrm(formula, scores, reml = TRUE, method = "Satterthwaite", vcov = vcov)
  means <- emmeans(fitted, ~ session | skin_type)
  list(
    minus2_reml_loglik = -2 * as.numeric(logLik(fitted)),
    covariance = unname(VarCorr(fitted)),
    means = table_of(means),
    change_from_baseline = table_of(contrast(means, "trt.vs.ctrl", ref = 1))
  )
}

fits <- list(
  "unstructured, classical" = analysed("us", "Asymptotic"),
  "unstructured, kenward_roger" = analysed("us", "Kenward-Roger-Linear"),
  "toeplitz_heterogeneous, classical" = analysed("toeph", "Asymptotic"),
  "toeplitz_heterogeneous, kenward_roger" = analysed("toeph", "Kenward-Roger-Linear")
)
cat(jsonlite::toJSON(list(software = paste(R.version.string, "mmrm", packageVersion("mmrm")), fits = fits), digits = NA, auto_unbox = TRUE))
