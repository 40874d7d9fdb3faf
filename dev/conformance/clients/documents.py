"""Reads documents as those do who scrape and generate from them: Prometheus' parser and an OpenAPI validator."""

import requests
from openapi_spec_validator import OpenAPIV31SpecValidator
from prometheus_client.parser import text_string_to_metric_families

from lines import serve


def metrics(url):
    answer = requests.get(url, timeout=60)
    answer.raise_for_status()
    families = list(text_string_to_metric_families(answer.text))
    return {
        "type": answer.headers["content-type"],
        "families": {family.name: {"kind": family.type, "help": family.documentation} for family in families},
        "samples": [
            {"name": sample.name, "labels": sample.labels, "value": sample.value}
            for family in families
            for sample in family.samples
        ],
    }


def openapi(url):
    document = requests.get(url, timeout=60).json()
    return {
        "version": document["openapi"],
        "paths": len(document["paths"]),
        "problems": [f"{list(one.path)}: {one.message}" for one in OpenAPIV31SpecValidator(document).iter_errors()],
    }


def http(method, url, **more):
    """One plain request; `more` are arguments of requests."""
    answer = requests.request(method, url, timeout=60, **more)
    try:
        document = answer.json()
    except ValueError:
        document = None
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return {"status": answer.status_code, "headers": headers, "json": document}


serve({"metrics": metrics, "openapi": openapi, "http": http})
