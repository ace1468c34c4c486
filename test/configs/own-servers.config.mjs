// Each service whose server is a program of ours.
import { defineConfig } from 'test-services'
import { dynamodb } from 'test-services/fixtures/dynamodb'
import { librarian } from 'test-services/fixtures/librarian'
import { mosquitto } from 'test-services/fixtures/mosquitto'
import { s3 } from 'test-services/fixtures/s3'
import { smtp } from 'test-services/fixtures/smtp'

export default defineConfig({
  services: {
    dynamodb: dynamodb(),
    librarian: librarian(),
    mosquitto: mosquitto({ from: 'npm' }),
    s3: s3(),
    smtp: smtp(),
  },
})
