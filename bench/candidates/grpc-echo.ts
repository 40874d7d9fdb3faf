import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js'
import { readRequest, writeResponse } from '../../apps/runner/src/inference/grpc/messages.ts'
import { inferenceService } from '../../apps/runner/src/inference/grpc/services.ts'
import { NO_PARAMETERS } from '../../apps/runner/src/inference/request.ts'

/** The floor of gRPC in JavaScript: the same messages through the same grpc-js, and a constant answer. */
const answer = Buffer.from(
  writeResponse({
    modelName: 'weather',
    modelVersion: '1',
    id: '',
    parameters: NO_PARAMETERS,
    outputs: [{ name: 'temp_max', datatype: 'FP32', shape: [1, 1], parameters: NO_PARAMETERS, contents: [] }],
    raw: [new Uint8Array(Float32Array.of(6.185174).buffer)],
  }),
)

const server = new Server()
server.addService(
  { ModelInfer: inferenceService.ModelInfer! },
  {
    ModelInfer(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      readRequest(call.request)
      done(null, answer)
    },
  },
)
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(`listening ${port}`)
})
