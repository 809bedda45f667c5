// R's arithmetic where it is more than a call of the C library.
#pragma once

namespace tarn::formula {

/// x %/% y and x %% y: rounded towards minus infinity, the remainder with the sign of y.
double whole_quotient(double x, double y);
double remainder_of(double x, double y);

/// log(x, base): base 2 and base 10 are exact for their powers.
double log_to_base(double x, double base);

/// round(x, digits): the nearer of the two neighbouring decimals, to even where they are as near.
double rounded(double x, int digits);

/// signif(x, digits)
double significant(double x, int digits);

}  // namespace tarn::formula
