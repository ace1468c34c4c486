/** The door for servers of bundled fixtures that run in a process of their own; loads in a millisecond. */

export {
  AccountServer,
  type Credentials,
  type ServedAccount,
  type ServerSettings,
} from './host/account-server.ts'
export { readServerSettings } from './host/modules/server-settings.ts'
