import {
  boolean,
  type Environment,
  list,
  LOG_LEVELS,
  oneOf,
  port,
  readEnvironment,
  size,
  text,
  url,
} from '@stead/chassis'

const MEBIBYTE = 2 ** 20

const VARIABLES = {
  STEAD_HOME: text({ default: '.stead' }),
  STEAD_HOST: text({ default: '127.0.0.1' }),
  STEAD_PORT: port({ default: 7070 }),
  STEAD_MAX_BODY: size({ default: 16 * MEBIBYTE, min: 1024 }),
  STEAD_MAX_ARTIFACT: size({ min: 0 }),
  STEAD_DATABASE_URL: text({ secret: true }),
  STEAD_ARTIFACTS: text(),
  STEAD_S3_ENDPOINT: url(),
  STEAD_ALLOWED_HOSTS: list({ default: [] }),
  STEAD_RUNNER_HOSTS: list({ default: [] }),
  STEAD_PUBLIC_URL: url(),
  STEAD_TLS_CERT: text(),
  STEAD_TLS_KEY: text(),
  STEAD_OIDC_ISSUER: url(),
  STEAD_OIDC_CLIENT_ID: text(),
  STEAD_OIDC_CLIENT_SECRET: text({ secret: true }),
  STEAD_OIDC_NAME: text(),
  STEAD_OIDC_CREATE: boolean(),
  STEAD_OWNER_PASSWORD: text({ secret: true }),
  STEAD_JOIN_SECRET: text({ secret: true }),
  STEAD_AUDIT_KEY: text(),
  STEAD_LOG: oneOf(LOG_LEVELS, { default: 'info' }),
  AWS_REGION: text(),
  XDG_CACHE_HOME: text(),
} as const

/** What other processes of an installation read from the same environment. */
const OF_OTHERS = [
  'STEAD_RUNNER_HOME',
  'STEAD_RUNNER_NAME',
  'STEAD_RUNNER_PORT',
  'STEAD_GRPC_PORT',
  'STEAD_FRONT_ENDS',
  'STEAD_ENGINE_MEMORY',
  'STEAD_STANDBY',
  'STEAD_DRAIN',
  'STEAD_URL',
  'STEAD_TOKEN',
  'STEAD_DETACHED_KEYS',
  'STEAD_KEY',
  'STEAD_FAILPOINT',
  'STEAD_SUITE',
  'STEAD_LEFT_OUT',
  'STEAD_TEST_CACHE',
]

export type ServerEnvironment = Environment<typeof VARIABLES>

/** First step: text becomes values. `config.ts` decides what they mean together. */
export const readServerEnvironment = (env: Readonly<Record<string, string | undefined>>): ServerEnvironment =>
  readEnvironment(VARIABLES, env, { alsoKnown: OF_OTHERS })
