# Holds the S3 store of the tests against a second, independent client: pip install boto3, then
#   node -e "import('./test/support/servers/s3.ts').then(async (m) => console.log((await m.startS3({ pageSize: 2 })).url))" &
#   python test/support/servers/s3-check.py http://127.0.0.1:PORT
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def client(secret):
    config = Config(
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"max_attempts": 1},
    )
    return boto3.client(
        "s3", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="AKIDTEST", aws_secret_access_key=secret, config=config
    )


def code(call, **parameters):
    try:
        call(**parameters)
        return "ok"
    except ClientError as error:
        return error.response["Error"]["Code"]


s3 = client("the/secret+of the test")
first = s3.put_object(Bucket="copies", Key="a/1 +ü.txt", Body=b"one", IfNoneMatch="*")
checks = {
    "made once": (code(s3.put_object, Bucket="copies", Key="a/1 +ü.txt", Body=b"two", IfNoneMatch="*"), "PreconditionFailed"),
    "swapped by its tag": (code(s3.put_object, Bucket="copies", Key="a/1 +ü.txt", Body=b"two", IfMatch=first["ETag"]), "ok"),
    "not by an old tag": (code(s3.put_object, Bucket="copies", Key="a/1 +ü.txt", Body=b"three", IfMatch=first["ETag"]), "PreconditionFailed"),
    "read": (s3.get_object(Bucket="copies", Key="a/1 +ü.txt")["Body"].read(), b"two"),
    "head": (s3.head_object(Bucket="copies", Key="a/1 +ü.txt")["ContentLength"], 3),
    "no such key": (code(s3.get_object, Bucket="copies", Key="none"), "NoSuchKey"),
    "no such bucket": (code(s3.get_object, Bucket="other", Key="none"), "NoSuchBucket"),
    "a wrong secret": (code(client("wrong").get_object, Bucket="copies", Key="a/1 +ü.txt"), "SignatureDoesNotMatch"),
}
for number in range(5):
    s3.put_object(Bucket="copies", Key=f"b/{number}", Body=b"x")
pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="copies", Prefix="b/"))
checks["pages"] = ([item["Key"] for page in pages for item in page["Contents"]], [f"b/{number}" for number in range(5)])
checks["more than one page"] = (len(pages) > 1, True)
checks["deleted"] = (code(s3.delete_object, Bucket="copies", Key="b/0"), "ok")
checks["gone"] = (code(s3.get_object, Bucket="copies", Key="b/0"), "NoSuchKey")
for name, (found, wanted) in checks.items():
    print("ok  " if found == wanted else "FAIL", name, found)
sys.exit(any(found != wanted for found, wanted in checks.values()))
