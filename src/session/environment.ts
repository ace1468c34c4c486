type Variables = Readonly<Record<string, string>>

const absentMark = '\0absent\0'
const absentConfig: object = new Proxy({}, { get: () => absentMark })

/**
 * What the config's `environment` says when only some services are up: the variables that need an absent one are left
 * out, the others are as they would be.
 */
export function environmentOf(environment: (configs: never) => Variables, configs: object): Variables {
  const known = new Proxy(configs, { get: (target, name) => Reflect.get(target, name) ?? absentConfig })
  const variables = Object.entries(environment(known as never))
  return Object.fromEntries(variables.filter(([, value]) => !String(value).includes(absentMark)))
}
