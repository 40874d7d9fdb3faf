// Wrong on purpose: the runner would reach into the server instead of following its event stream.
export async function desiredState() {
  const { startServer } = await import('@stead/server')
  return startServer
}
