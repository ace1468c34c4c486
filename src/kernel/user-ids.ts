/** The numbers of a user of this machine, for starting processes and owning files. */
export interface UserIds {
  readonly uid: number
  readonly gid: number
}
