/** Words of what a deployment promises its callers. */
export const contract = {
  inputs: 'Inputs',
  inputsNote: 'What callers send.',
  outputs: 'Outputs',
  outputsNote: 'What they get.',
  name: 'Name',
  datatype: 'Datatype',
  shape: 'Shape',
  dimensions: 'Dimensions',
  open: 'any',
  promise:
    'Every version that serves keeps this contract: its inputs may be freer and its outputs narrower, never the other way round. Only a repurpose publishes another one.',
} as const
