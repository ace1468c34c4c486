/** The numbers of a user of this machine, for starting its processes and owning its files. */
export interface UserIds {
  readonly uid: number
  readonly gid: number
}
