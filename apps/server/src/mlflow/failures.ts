import { SteadError, type ErrorCode } from '@stead/contracts'

/** How failures are told in MLflow's protocol: `{ error_code, message }` with the status that its clients expect.
 *  They retry on 5xx for minutes, so that a caller's mistake must never be one. */

export const MLFLOW_STATUS = {
  BAD_REQUEST: 400,
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  NOT_FOUND: 404,
  ENDPOINT_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  RESOURCE_CONFLICT: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
} as const
export type MlflowCode = keyof typeof MLFLOW_STATUS

/** A failure that only this protocol knows, or whose code our own would not tell. */
export class MlflowError extends Error {
  readonly code: MlflowCode

  constructor(code: MlflowCode, message: string) {
    super(message)
    this.name = 'MlflowError'
    this.code = code
  }
}

export const invalidValue = (message: string) => new MlflowError('INVALID_PARAMETER_VALUE', message)

/** Codes of ours whose status says too little, or something else than this protocol's clients expect. */
const BY_CODE: Partial<Record<ErrorCode, MlflowCode>> = {
  name_taken: 'RESOURCE_ALREADY_EXISTS',
  storage_full: 'RESOURCE_EXHAUSTED',
  route_not_found: 'ENDPOINT_NOT_FOUND',
}

const BY_STATUS: Readonly<Record<number, MlflowCode>> = {
  400: 'INVALID_PARAMETER_VALUE',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  405: 'METHOD_NOT_ALLOWED',
  409: 'RESOURCE_CONFLICT',
  413: 'INVALID_PARAMETER_VALUE',
  415: 'BAD_REQUEST',
  416: 'INVALID_PARAMETER_VALUE',
  422: 'INVALID_PARAMETER_VALUE',
  429: 'RESOURCE_EXHAUSTED',
  503: 'TEMPORARILY_UNAVAILABLE',
  507: 'RESOURCE_EXHAUSTED',
}

/** What an error says to a client of MLflow: the status, and the body. */
export function toldAsMlflow(error: SteadError | MlflowError): {
  status: number
  body: { error_code: MlflowCode; message: string }
} {
  const code =
    error instanceof MlflowError ? error.code : (BY_CODE[error.code] ?? BY_STATUS[error.status] ?? 'INTERNAL_ERROR')
  const isOfStatus =
    error instanceof SteadError && (error.status === 413 || error.status === 416 || error.status === 507)
  return {
    status: isOfStatus ? error.status : MLFLOW_STATUS[code],
    body: { error_code: code, message: error.message },
  }
}
