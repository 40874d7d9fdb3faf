/** What MLflow's clients are told. */
export const OK = { status: 200, body: {} }
export const invalid = (message: string) => ({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message } })
export const absent = (message: string) => ({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message } })
export const SEE = 'See the API docs for more information about request parameters.'
