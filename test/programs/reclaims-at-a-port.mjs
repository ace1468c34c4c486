// A module that removes a tenant at a port where nobody listens.
import { once } from 'node:events'
import { connect } from 'node:net'

export const reclaim = () => once(connect(1, '127.0.0.1'), 'connect')
