// The OpenAPI document, made from the code without a server.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createService } from '../../src/runtimes/node/embedded.ts'

/** As a service without any configuration serves it. */
export const documentOfService = async (): Promise<unknown> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-document-'))
  const service = await createService({ env: { DATA_DIR: folder } })
  try {
    return await (await service.fetch(new Request('http://localhost/openapi.json'))).json()
  } finally {
    await service.close()
    rmSync(folder, { recursive: true })
  }
}
