"""The difference of two estimates that share some of their patients, from the two intervals and what they share."""

from __future__ import annotations

from math import isnan, sqrt

from outcomes.statistics.intervals import NOT_ESTIMABLE, Interval


def shared_correlation(share: float, n_then: float, n_now: float, width_then: float, width_now: float) -> float:
    """The correlation, 0 to 1, of an estimate from `n_then` and a later one from `n_now`, where a `share` of those then are among those now.

    Two estimates covary by the patients in both. As of efficient estimates from data that grow, the covariance is the share times the
    variance of the later one; as of means over patients who vary as they did then, it is the share times the variance of the
    earlier one times n_then / n_now. The two are the same where patients vary as they did; of the two correlations, told by the
    widths of the intervals, the smaller is taken, so that the interval of the difference is the wider one. Each by itself covers too
    little: the first where what is measured has changed or little is new, the second where the earlier interval is wide by chance.

    Raises:
        ValueError: a share that is not between 0 and 1.

    References:
        Jennison & Turnbull (1997), J Am Stat Assoc 92:1330-1341 (estimates from data that grow); Hausman (1978), Econometrica
        46:1251-1271, lemma 2.1.

    Example:
        >>> shared_correlation(1.0, 50, 200, 0.2, 0.1), shared_correlation(0.5, 50, 200, 0.2, 0.1)
        (0.5, 0.25)
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be between 0 and 1, got {share}")
    if not (n_then > 0 and n_now > 0 and width_then > 0 and width_now > 0):
        return 0.0
    ratio = width_now / width_then
    return share * min(ratio, n_then / n_now / ratio, 1.0)


def difference_of_overlapping(
    now: tuple[float, float, float], then: tuple[float, float, float], correlation: float = 0.0
) -> Interval:
    """Interval of `now` less `then`, each an estimate with the low and the high end of its own interval, which correlate by so much.

    The variance at each end of the difference is recovered from the ends of the two intervals, so that intervals that are not
    symmetric, of shares and rates, keep their form. nan where an end is.

    Raises:
        ValueError: a correlation that is not between -1 and 1.

    References:
        Zou & Donner (2008), Stat Med 27:1693-1702; Zou (2007), Psychol Methods 12:399-413 (estimates that correlate).

    Example:
        >>> low, high = difference_of_overlapping((0.8, 0.6, 1.0), (0.5, 0.2, 0.8), 0.5)
        >>> round(low, 3), round(high, 3)
        (0.035, 0.565)
    """
    if not -1 <= correlation <= 1:
        raise ValueError(f"correlation must be between -1 and 1, got {correlation}")
    if any(map(isnan, (*now, *then))):
        return NOT_ESTIMABLE
    (new, new_low, new_high), (old, old_low, old_high) = now, then
    difference = new - old
    return Interval(
        difference - _apart(new - new_low, old_high - old, correlation),
        difference + _apart(new_high - new, old - old_low, correlation),
    )


def _apart(one: float, other: float, correlation: float) -> float:
    # Rounding must not leave less than nothing where the two are alike and correlate by 1.
    return sqrt(max(0.0, one**2 + other**2 - 2 * correlation * one * other))
