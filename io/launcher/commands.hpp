// The commands of tarn, each in a file of its own.
#pragma once

#include "command_line/command.hpp"

namespace tarn::launcher {

Command fit_command();
Command resume_command();
Command extend_command();
Command recover_command();
Command info_command();
Command summary_command();
Command check_command();
Command compare_command();
Command hypothesis_command();
Command effects_command();
Command means_command();
Command slopes_command();
Command r2_command();
Command groups_command();
Command export_command();
Command loglik_command();
Command priors_command();
Command report_command();
Command sensitivity_command();
Command formula_command();
Command predict_command();
Command simulate_command();
Command sbc_command();
Command plugin_command();
Command doctor_command();

}  // namespace tarn::launcher
