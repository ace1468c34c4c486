/** Name of the file by which a results directory is known. */
export const runFile = 'run.json'

/** Name of the file with the attempts that other hosts have counted. */
export const elsewhereFile = 'other-hosts.jsonl'
