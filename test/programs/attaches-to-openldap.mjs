// Attaches to the OpenLDAP of LP_OPENLDAP_*, and tells its config.
import { openldap } from 'test-services/fixtures/openldap'

const service = openldap().create({ label: 'OPENLDAP' })
await service.setUp({ useExisting: true })
console.log(JSON.stringify(service.serviceConfig))
setInterval(() => {}, 60_000)
