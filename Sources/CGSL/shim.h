// SPDX-License-Identifier: GPL-3.0-or-later

#ifndef CGSL_SHIM_H
#define CGSL_SHIM_H

#include <gsl/gsl_cblas.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <gsl/gsl_odeiv2.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_statistics_double.h>
#include <gsl/gsl_version.h>

#include "mt19937.h"

/// Swift cannot name GSL's global types, so the allocation is spelled here: the root finder of Brent
/// and Dekker.
static inline gsl_root_fsolver *cgsl_new_brent(void) {
  return gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
}

/// A driver with the method of Prince and Dormand of orders 8 and 9, whose type is such a global too.
static inline gsl_odeiv2_driver *cgsl_new_rk8pd(const gsl_odeiv2_system *system, double first_step,
                                                double absolute, double relative) {
  return gsl_odeiv2_driver_alloc_y_new(system, gsl_odeiv2_step_rk8pd, first_step, absolute,
                                       relative);
}

/// A solver of nonlinear least squares by a trust region with the steps of Levenberg and Marquardt.
static inline gsl_multifit_nlinear_workspace *cgsl_new_trust_region(size_t residuals,
                                                                    size_t unknowns) {
  const gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
  return gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, residuals, unknowns);
}

/// The version of the GSL that is linked, not of its headers.
static inline const char *cgsl_version(void) { return gsl_version; }

#endif
