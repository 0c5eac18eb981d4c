import { createReadStream } from 'node:fs'
import { request as plain } from 'node:http'
import { request as encrypted } from 'node:https'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { SendFile } from '../../../backup/s3.ts'

export const sendFile: SendFile = (url, { headers, content, signal }) =>
  new Promise((resolve, reject) => {
    const options = { method: 'PUT', headers: { ...Object.fromEntries(headers), 'content-length': content.bytes }, signal }
    const request = (url.protocol === 'https:' ? encrypted : plain)(url, options, (response) => {
      text(response).then((body) => resolve(new Response(body, { status: response.statusCode ?? 500 })), reject)
    })
    pipeline(createReadStream(content.path), request).catch(reject)
  })
