/** Every expected failure of the native API: its code, HTTP status, what it says and what to do next. */
export const ERRORS = {
  invalid_request: {
    status: 400,
    says: 'The request is not well formed.',
    fix: 'Correct the field named in "where" and send it again.',
  },
  signature_missing: {
    status: 400,
    says: 'The signature is neither readable from the files nor declared.',
    fix: 'Declare it with --signature, or push an ONNX file.',
  },
  model_unreadable: {
    status: 400,
    says: 'The model file cannot be read.',
    fix: 'Check that the file is whole and of the stated format.',
  },
  model_unsupported: {
    status: 400,
    says: 'The model uses something that cannot be served.',
    fix: 'Export it again without what is named here.',
  },
  version_not_servable: {
    status: 400,
    says: 'This version is kept here, but cannot be served.',
    fix: 'Register it from files that are here and that tell a signature: log the model with one, or push an ONNX file.',
  },
  digest_mismatch: {
    status: 400,
    says: 'The bytes received are not those of the stated digest.',
    fix: 'Send the file again; it may have changed or been cut off on the way.',
  },
  sso_expired: {
    status: 400,
    says: 'This sign-in took too long, or began in another browser.',
    fix: 'Begin it again.',
  },
  token_in_url: {
    status: 400,
    says: 'Credentials do not belong in an address: it is written to logs and histories.',
    fix: 'Send it as "Authorization: Bearer …", and revoke this one: it may have been seen.',
  },
  unauthenticated: {
    status: 401,
    says: 'Who is asking?',
    fix: 'Sign in, or send an API token as "Authorization: Bearer …"; the command line reads STEAD_TOKEN.',
  },
  sign_in_refused: {
    status: 401,
    says: 'That name and password do not go together.',
    fix: 'Try again, or ask an owner of the installation for a new password.',
  },
  sso_unknown: {
    status: 403,
    says: 'Single sign-on knows you, but nobody here goes by that account.',
    fix: 'Ask an owner of the installation to add you under the name that you have there.',
  },
  password_wrong: {
    status: 403,
    says: 'That is not the current password.',
    fix: 'Give the current password, or ask an owner of the installation for a new one.',
  },
  forbidden: {
    status: 403,
    says: 'This takes another role.',
    fix: 'Ask an owner of the project; "stead access roles" tells what each role may do.',
  },
  host_refused: {
    status: 403,
    says: 'This host name or origin is not on the allow-list.',
    fix: 'Use the address printed at start, or add the name to STEAD_ALLOWED_HOSTS.',
  },
  project_not_found: { status: 404, says: 'There is no such project.', fix: 'List the projects, or create it.' },
  experiment_not_found: {
    status: 404,
    says: 'There is no such experiment.',
    fix: 'List the experiments with: stead experiments',
  },
  run_not_found: { status: 404, says: 'There is no such run.', fix: 'List the runs with: stead runs' },
  logged_model_not_found: { status: 404, says: 'There is no such logged model.', fix: 'List the logged models.' },
  view_not_found: { status: 404, says: 'There is no such view.', fix: 'List the views of the experiment.' },
  file_not_found: { status: 404, says: 'There is no such file.', fix: 'List the files of the run or model.' },
  trace_not_found: { status: 404, says: 'There is no such trace.', fix: 'Search the traces of the experiment.' },
  assessment_not_found: { status: 404, says: 'There is no such assessment.', fix: 'Read the trace; it lists them.' },
  evaluation_set_not_found: {
    status: 404,
    says: 'There is no such evaluation dataset.',
    fix: 'Search the evaluation datasets of the project.',
  },
  webhook_not_found: { status: 404, says: 'There is no such webhook.', fix: 'List the webhooks of the project.' },
  delivery_not_found: { status: 404, says: 'There is no such delivery.', fix: 'List the deliveries of the webhook.' },
  webhook_refused: {
    status: 400,
    says: 'That address cannot be told of events.',
    fix: 'Give an https address that names a public machine.',
  },
  param_fixed: {
    status: 400,
    says: 'A param keeps the value that was logged first.',
    fix: 'Log the other value under another name, or in another run.',
  },
  tag_not_found: { status: 404, says: 'There is no such tag.', fix: 'Read the thing that it should be of again.' },
  model_not_found: { status: 404, says: 'There is no such model.', fix: 'List the models with: stead models' },
  version_not_found: {
    status: 404,
    says: 'There is no such version.',
    fix: 'List the versions with: stead models MODEL',
  },
  alias_not_found: { status: 404, says: 'There is no such alias.', fix: 'List the aliases of the model.' },
  artifact_not_found: { status: 404, says: 'There is no such artifact.', fix: 'Upload it first.' },
  upload_not_found: {
    status: 404,
    says: 'There is no such upload.',
    fix: 'Begin it; unfinished uploads are kept for seven days.',
  },
  graph_not_found: {
    status: 404,
    says: 'This version has no graph that can be read.',
    fix: 'Only ONNX files hold a graph.',
  },
  change_not_found: {
    status: 404,
    says: 'There is no such change.',
    fix: 'List the generations with: stead history DEPLOYMENT',
  },
  deployment_not_found: {
    status: 404,
    says: 'There is no such deployment.',
    fix: 'List the deployments with: stead status',
  },
  golden_not_found: {
    status: 404,
    says: 'There is no such golden request.',
    fix: 'List them with: stead golden DEPLOYMENT list',
  },
  generation_not_found: {
    status: 404,
    says: 'There is no such generation.',
    fix: 'List the generations with: stead history DEPLOYMENT',
  },
  runner_not_found: { status: 404, says: 'There is no such runner.', fix: 'Register the runner again.' },
  person_not_found: { status: 404, says: 'There is no such person.', fix: 'List them with: stead access people' },
  member_not_found: {
    status: 404,
    says: 'There is no such member.',
    fix: 'List the members with: stead access members',
  },
  account_not_found: {
    status: 404,
    says: 'There is no such service account.',
    fix: 'List them with: stead access accounts',
  },
  token_not_found: { status: 404, says: 'There is no such token.', fix: 'List them with: stead access tokens' },
  session_not_found: { status: 404, says: 'There is no such session.', fix: 'It may have ended by itself.' },
  consumer_not_found: {
    status: 404,
    says: 'There is no such consumer.',
    fix: 'List them with: stead consumers',
  },
  key_not_found: { status: 404, says: 'There is no such key.', fix: 'List the keys with: stead consumers' },
  sso_unavailable: {
    status: 404,
    says: 'There is no single sign-on here.',
    fix: 'Sign in with a password, or set STEAD_OIDC_ISSUER at the server.',
  },
  route_not_found: {
    status: 404,
    says: 'There is nothing at this address.',
    fix: 'See /api/v1/openapi.json for the addresses there are.',
  },
  method_not_allowed: {
    status: 405,
    says: 'This address does not take that method.',
    fix: 'See /api/v1/openapi.json.',
  },
  name_taken: { status: 409, says: 'That name is taken.', fix: 'Choose another name.' },
  generation_conflict: { status: 409, says: 'The deployment has moved on.', fix: 'Read it again and retry.' },
  contract_broken: {
    status: 409,
    says: 'The version does not keep the contract of the deployment.',
    fix: 'Choose a compatible version, or repurpose the deployment to publish a new contract.',
  },
  runtime_missing: {
    status: 409,
    says: 'No runner here has the runtime this version needs.',
    fix: 'Deploy a version of an available runtime: onnx or javascript.',
  },
  checks_failed: {
    status: 409,
    says: 'The version did not pass its checks; traffic was not touched.',
    fix: 'Mend what is named and try again.',
  },
  upload_offset_wrong: {
    status: 409,
    says: 'The upload is at another place.',
    fix: 'Go on from the offset named in "details.received".',
  },
  aborted: {
    status: 409,
    says: 'The change was aborted before it was committed; traffic was not touched.',
    fix: 'Repeat it if it is still wanted.',
  },
  change_committed: {
    status: 409,
    says: 'The change is committed and can no longer be aborted.',
    fix: 'Roll back to return to what was before.',
  },
  superseded: {
    status: 409,
    says: 'A newer change replaced this one before it was committed.',
    fix: 'Read the deployment; repeat the change if it is still wanted.',
  },
  nothing_to_roll_back: {
    status: 409,
    says: 'There is no earlier generation to return to.',
    fix: 'See the generations with: stead history DEPLOYMENT',
  },
  version_held: {
    status: 409,
    says: 'A deployment holds this version.',
    fix: 'Swap the deployment to another version first.',
  },
  last_owner: {
    status: 409,
    says: 'That would leave nobody who may say who else may.',
    fix: 'Make somebody else an owner first.',
  },
  locks_out: {
    status: 409,
    says: 'That would lock you out.',
    fix: 'Ask another owner to do it.',
  },
  owns_running: {
    status: 409,
    says: 'They answer for deployments that stand.',
    fix: 'Hand the deployments named here over first: stead access hand-over DEPLOYMENT NAME',
  },
  home_not_empty: {
    status: 409,
    says: 'This installation already holds data.',
    fix: 'Restore into an empty home, or say --replace.',
  },
  payload_too_large: {
    status: 413,
    says: 'The body is larger than allowed.',
    fix: 'Send less, or raise STEAD_MAX_BODY.',
  },
  content_type_refused: {
    status: 415,
    says: 'Writes take application/json or application/octet-stream.',
    fix: 'Set the content-type header.',
  },
  range_unsatisfiable: {
    status: 416,
    says: 'The range does not lie within what is there.',
    fix: 'Ask for bytes that are there; "content-range" tells how many there are.',
  },
  idempotency_key_reused: {
    status: 422,
    says: 'This idempotency key was used for another request.',
    fix: 'Use a new key for a new request.',
  },
  too_many_attempts: {
    status: 429,
    says: 'Too many attempts.',
    fix: 'Wait as long as Retry-After says.',
  },
  internal: {
    status: 500,
    says: 'Something went wrong inside Stead.',
    fix: 'See the log of the server under the request id given.',
  },
  sso_failed: {
    status: 502,
    says: 'Single sign-on did not work; its provider did not answer as it should.',
    fix: 'Try again; an owner finds the reason in the log of the server.',
  },
  runner_unreachable: {
    status: 502,
    says: 'The runner did not answer.',
    fix: 'See its health with: stead status',
  },
  no_runner: { status: 503, says: 'No runner is connected.', fix: 'Start one with: stead runner' },
  acknowledgement_late: {
    status: 504,
    says: 'The change is committed, but not every runner has confirmed it in time.',
    fix: 'See stead status; the runners named will follow when they can.',
  },
  storage_full: {
    status: 507,
    says: 'There is no room left to store this.',
    fix: 'Free some disk space and send it again.',
  },
} as const

export type ErrorCode = keyof typeof ERRORS

/** The body of every failed answer of the native API. */
export type ErrorBody = { error: { code: ErrorCode; message: string; where?: string; fix: string; details?: unknown } }

/** An expected failure: thrown by a use case, turned into an answer at one place. */
export class SteadError extends Error {
  readonly code: ErrorCode
  readonly where: string | undefined
  readonly details: unknown

  constructor(code: ErrorCode, message?: string, more: { where?: string; details?: unknown; cause?: unknown } = {}) {
    super(message ?? ERRORS[code].says, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'SteadError'
    this.code = code
    this.where = more.where
    this.details = more.details
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  toBody(): ErrorBody {
    return {
      error: {
        code: this.code,
        message: this.message,
        fix: ERRORS[this.code].fix,
        ...(this.where === undefined ? {} : { where: this.where }),
        ...(this.details === undefined ? {} : { details: this.details }),
      },
    }
  }
}
