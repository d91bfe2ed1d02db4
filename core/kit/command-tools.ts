/**
 * Matches tools whose arguments run as they are: a mistaken repair of a command or a patch does harm. Also matches
 * `functions__shell` and `shell_2`, names that lowering may have produced.
 */
export const COMMAND_TOOL =
  /(?:^|__|[.-])(?:(?:power)?shell|(?:shell|exec|execute|run)_(?:(?:shell|terminal)_)?(?:command|cmd)|run_in_terminal|terminal|bash|local_shell|container[._]exec|apply_patch|write_stdin|exec)(?:_\d+)?$/i;
