"""Networks on folds, averaged and calibrated; what they are worth, and which columns matter."""
