// Wrong on purpose: whatever the client exports next would be public without anybody deciding so.
export * from './client.ts'
