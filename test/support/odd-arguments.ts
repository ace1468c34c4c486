/** Arguments with everything that a shell between us and a command could spoil. */
export const oddArguments = [
  ...['', ' ', '\n', "it's", '"', '\\', '$HOME', '`id`', '$(id)', '!x', '*', '~', '-n', ';', '&'],
  ...['ä€😀', 'a\nb\n', '%s', '\t'],
] as const
