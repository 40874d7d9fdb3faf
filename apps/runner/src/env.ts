import { duration, integer, list, oneOf, port, readEnvironment, size, text, url } from '@stead/chassis'

/** Everything of the environment that the runner knows; nothing else reads `process.env`. */
export function readRunnerEnvironment(env: NodeJS.ProcessEnv) {
  return readEnvironment(
    {
      STEAD_HOME: text({ default: '.stead' }),
      STEAD_RUNNER_HOME: text(),
      STEAD_RUNNER_NAME: text(),
      STEAD_HOST: text({ default: '127.0.0.1' }),
      STEAD_URL: url({ default: new URL('http://127.0.0.1:7070') }),
      STEAD_TOKEN: text({ secret: true }),
      STEAD_DETACHED_KEYS: duration({ default: 3_600_000 }),
      STEAD_TLS_CERT: text(),
      STEAD_TLS_KEY: text(),
      STEAD_RUNNER_PORT: port({ default: 7080 }),
      STEAD_GRPC_PORT: port({ default: 7081 }),
      STEAD_FRONT_ENDS: integer({ default: 1, min: 1, max: 64 }),
      STEAD_ENGINE_MEMORY: size({ min: 64 * 1024 * 1024 }),
      STEAD_STANDBY: duration({ default: 600_000 }),
      STEAD_DRAIN: duration({ default: 30_000 }),
      STEAD_MAX_BODY: size({ default: 256 * 1024 * 1024, min: 1024 }),
      STEAD_ALLOWED_HOSTS: list({ default: [] }),
      STEAD_LOG: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent'], { default: 'info' }),
      STEAD_FAILPOINT: text(),
    },
    env,
    {
      prefix: 'STEAD_',
      alsoKnown: [
        'STEAD_PORT',
        'STEAD_DATABASE_URL',
        'STEAD_ARTIFACTS',
        'STEAD_S3_ENDPOINT',
        'STEAD_MAX_ARTIFACT',
        'STEAD_RUNNER_HOSTS',
        'STEAD_PUBLIC_URL',
        'STEAD_OIDC_ISSUER',
        'STEAD_OIDC_CLIENT_ID',
        'STEAD_OIDC_CLIENT_SECRET',
        'STEAD_OIDC_NAME',
        'STEAD_OIDC_CREATE',
        'STEAD_OWNER_PASSWORD',
        'STEAD_JOIN_SECRET',
        'STEAD_KEY',
        'STEAD_RUNNER_HOSTS',
        'STEAD_SUITE',
        'STEAD_LEFT_OUT',
        'STEAD_TEST_CACHE',
      ],
    },
  )
}

export type RunnerEnvironment = ReturnType<typeof readRunnerEnvironment>['values']

export function telemetryVariables(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('OTEL_')))
}
