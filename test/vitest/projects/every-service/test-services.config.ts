import { defineConfig } from 'test-services'
import { etcd } from 'test-services/fixtures/etcd'
import { mariadb } from 'test-services/fixtures/mariadb'
import { memcached } from 'test-services/fixtures/memcached'
import { mosquitto } from 'test-services/fixtures/mosquitto'
import { nats } from 'test-services/fixtures/nats'
import { openldap } from 'test-services/fixtures/openldap'
import { postgres } from 'test-services/fixtures/postgres'
import { rabbitmq } from 'test-services/fixtures/rabbitmq'
import { redis } from 'test-services/fixtures/redis'
import { smtp } from 'test-services/fixtures/smtp'

const template = { files: ['schema.sql'] }

export default defineConfig({
  services: {
    postgres: postgres({ template }),
    mariadb: mariadb({ template }),
    redis: redis(),
    rabbitmq: rabbitmq(),
    memcached: memcached(),
    nats: nats(),
    mosquitto: mosquitto(),
    etcd: etcd(),
    openldap: openldap(),
    smtp: smtp(),
  },
})
