"""The files of the AWS CLI and the SDKs: config, profiles that we manage in it, caches."""
