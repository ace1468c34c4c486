// Definitions of the fixture in FIXTURE, with the options in OPTIONS: one without a template, one with books.
const { FIXTURE, OPTIONS = '{}' } = process.env
const { [FIXTURE]: define } = await import(`test-services/fixtures/${FIXTURE}`)
const options = JSON.parse(OPTIONS)

export const empty = () => define(options)
export const library = () => define({ ...options, template: { files: ['schema.sql'] } })
