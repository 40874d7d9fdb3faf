// Wrong on purpose: loading a model here would stop every port of the front end while it lasts.
import { InferenceSession } from 'onnxruntime-node'

export const load = (path: string) => InferenceSession.create(path)
