import { expect, test, vi } from 'vitest'
import { ForwardedPorts } from '../../../src/pool/services/forwarded-ports.ts'
import { local } from '../../../src/transport/local.ts'

test('forwards a port once for two calls at a time', async () => {
  await using transport = local()
  const expose = vi.spyOn(transport, 'expose')
  const ports = new ForwardedPorts(transport)
  const services = new Map([['web', { label: 'WEB', serviceConfig: { host: '127.0.0.1', port: 8080 } }]])
  const running = { prefix: 'LP_', services }
  await Promise.all([ports.forward(running), ports.forward(running)])
  expect(expose).toHaveBeenCalledExactlyOnceWith({ host: '127.0.0.1', port: 8080 })
})
