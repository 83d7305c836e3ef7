//! Statistics of many measurements.

/// Returns the median; for an even number of figures, the mean of the two in the middle. `None` without
/// figures.
pub(crate) fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

/// Returns a percentile: the smallest figure that is not exceeded by this percentage of the figures. `None`
/// without figures.
pub(crate) fn percentile(figures: &[f64], percent: usize) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

/// Divides the figures of each round, and returns the median of the quotients. So other load on the machine
/// during a round changes the result little: it affects both figures. `None` without figures.
pub(crate) fn ratio(dividends: &[f64], divisors: &[f64]) -> Option<f64> {
    let ratios: Vec<f64> =
        dividends.iter().zip(divisors).map(|(dividend, divisor)| dividend / divisor).collect();
    median(&ratios)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 9.0]), Some(3.0));
    }

    #[test]
    fn a_percentile_is_one_of_the_figures() {
        let figures: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(percentile(&[], 99), None);
        assert_eq!(percentile(&figures, 99), Some(198.0));
        assert_eq!(percentile(&figures, 50), Some(100.0));
        assert_eq!(percentile(&[7.0], 99), Some(7.0));
    }

    #[test]
    fn a_ratio_is_of_rounds_not_of_medians() {
        assert_eq!(ratio(&[2.0, 40.0, 6.0], &[1.0, 10.0, 3.0]), Some(2.0));
        assert_eq!(ratio(&[], &[]), None);
    }
}
