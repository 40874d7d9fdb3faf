// Wrong on purpose: a test's model would be served to users.
import { addConstant } from '../../../../../dev/fixtures/onnx/models.ts'

export const sample = () => addConstant(1)
