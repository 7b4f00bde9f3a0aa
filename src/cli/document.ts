/** The reference of all commands, generated from the program so that it can't go stale. */
import type { Argument, Command, Help, Option } from 'commander';

const asCell = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    // An address is an example, no link: the site would call it dead.
    .map((part) =>
      part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replace(/https?:\/\/[^\s"),]+/g, '`$&`'),
    )
    .join('')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

function rowsOf(help: Help, command: Command): string[] {
  const ofArgument = (argument: Argument): string =>
    `| ${code(argument.name())} | ${asCell(help.argumentDescription(argument))} |`;
  const ofOption = (option: Option): string => `| ${code(option.flags)} | ${asCell(help.optionDescription(option))} |`;
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help' && long !== '--version');
  return [...help.visibleArguments(command).map(ofArgument), ...options.map(ofOption)];
}

function sectionsOf(help: Help, command: Command, path: string, depth: number): string[] {
  const rows = rowsOf(help, command);
  const isCalled = command.commands.length === 0;
  const section = [
    `${'#'.repeat(depth)} ${path}`,
    ...(command.description() === '' ? [] : [`${asCell(sentence(command.description()))}`]),
    ...(isCalled ? [`\`\`\`\nwhencode ${path} ${command.usage()}\n\`\`\``] : []),
    ...(rows.length === 0 ? [] : [`| | |\n|---|---|\n${rows.join('\n')}`]),
  ];
  return [...section, ...subcommands(help, command, path, depth + 1)];
}

function subcommands(help: Help, command: Command, path: string, depth: number): string[] {
  const named = help.visibleCommands(command).filter((sub) => sub.name() !== 'help');
  return named.flatMap((sub) => sectionsOf(help, sub, path === '' ? sub.name() : `${path} ${sub.name()}`, depth));
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;

/** @param program - With all commands, as `createProgram` makes it for help. */
export function commandsMarkdown(program: Command): string {
  const help = program.createHelp();
  return `# Commands

Generated from the program by \`npm run docs\`. \`whencode COMMAND --help\` prints the same.
\`npx whencode\` runs it in the clone ([elsewhere](quickstart.md#from-any-folder)).

Exit codes: 0 done, 1 failed, 2 wrong use. Results go to standard output, notes and errors to standard error.
Every command takes ${code('--home <folder>')}: ${asCell(help.optionDescription(homeOf(program)))}.

${subcommands(help, program, '', 2).join('\n\n')}
`;
}

function homeOf(program: Command): Option {
  const home = program.options.find(({ long }) => long === '--home');
  if (home === undefined) throw new Error('the program has no option --home');
  return home;
}
