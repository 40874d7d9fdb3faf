import type { InferenceRequest, Recording, Signature } from '@stead/contracts'
import type { FromFrontEnd } from '../routing/served.ts'
import type { Recorder } from './predict.ts'
import type { InferRequest } from './request.ts'
import { printJson } from './rest/json.ts'
import { jsonValues } from './rest/values.ts'
import type { Tensor } from './tensor.ts'

type Kept = InferenceRequest['inputs']

/** Keeps live requests as golden ones while a recording asks for them; redacted inputs keep their shape only. */
export function recorderOf(tell: (message: FromFrontEnd) => void): Recorder {
  const taken = new Map<string, number>()
  return ({ served }, _signature: Signature, request: InferRequest, outputs) => {
    const recording = served.recording as Recording
    const count = taken.get(recording.id) ?? 0
    if (count >= recording.count) return
    if (count === 0) taken.clear()
    taken.set(recording.id, count + 1)
    try {
      const inputs = request.inputs.map((tensor) =>
        kept(recording.redact.includes(tensor.name) ? blank(tensor) : tensor),
      )
      const answer = outputs.flatMap((tensor) => (tensor ? [kept(tensor)] : []))
      tell({ is: 'recorded', deployment: served.name, recording: recording.id, request: { inputs }, answer })
    } catch {
      // Half-precision and arbitrary bytes have no JSON form: such a request cannot be kept.
      taken.set(recording.id, count)
    }
  }
}

function kept(tensor: Tensor): Kept[number] {
  const data = JSON.parse(printJson(jsonValues(tensor).values)) as Kept[number]['data']
  return { name: tensor.name, datatype: tensor.datatype, shape: [...tensor.shape], data }
}

function blank({ name, datatype, shape, data }: Tensor): Tensor {
  if (datatype !== 'BYTES') return { name, datatype, shape, data: new Uint8Array(data.length) }
  return { name, datatype, shape, data: new Uint8Array(4 * shape.reduce((product, size) => product * size, 1)) }
}
