// Wrong on purpose: a decision about deployments that can only be asked over HTTP.
import type { FastifyRequest } from 'fastify'

export const swap = (request: FastifyRequest) => request.body
