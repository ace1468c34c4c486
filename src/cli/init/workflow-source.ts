/** Returns the text of a new workflow, which runs without a config. */
export function workflowSource(command: string): string {
  return `# To run it:              ${command} workflow
# Scripts for "uses":     ${command} resources
doc: Says where it runs, and keeps what it finds

steps:
  - name: machine
    run: |
      uname -a
      uptime

  - name: facts
    run: |
      mkdir -p workflow-facts
      env | cut -d= -f1 | sort > workflow-facts/variables.txt

  - name: keep
    uses: get
    with:
      from: workflow-facts

  # - name: services
  #   uses: services
  #   with:
  #     names: [redis]
  #
  # - name: test
  #   run: redis-cli -u "$LP_REDIS_URL" ping
`
}
