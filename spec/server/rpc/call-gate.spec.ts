import { Metadata } from '@grpc/grpc-js';
import { expect } from 'chai';
import { headerBytes } from '../../../lib/server/rpc/call-gate.js';

describe('the size of headers', () => {
  it('counts names, values and 32 bytes for each, as HTTP/2 does [P12]', () => {
    const metadata = new Metadata();
    expect(headerBytes(metadata.toHttp2Headers())).to.equal(0);
    metadata.add('name', 'value');
    expect(headerBytes(metadata.toHttp2Headers())).to.equal(4 + 5 + 32);
    metadata.add('name', 'v');
    expect(headerBytes(metadata.toHttp2Headers())).to.equal(2 * (4 + 32) + 5 + 1);
  });

  it('counts binary values as they were sent, in base64', () => {
    const metadata = new Metadata();
    metadata.add('name-bin', Buffer.alloc(300));
    expect(headerBytes(metadata.toHttp2Headers())).to.equal(8 + 400 + 32);
  });
});
