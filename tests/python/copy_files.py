"""Copies a netCDF file in the ways of several programs, and edits copies of it. Usage: copy_files.py IN WAY=OUT ...

WAY: xarray-ENGINE     read and written by xarray
     rows              variable by variable, with netCDF4
     unlimited         by xarray, with the first dimension unlimited
     arrays            the scalars become arrays of one, the integers wider, the texts strings of variable length
     edit-netcdf4, edit-h5py, edit-h5netcdf   a copy, edited in place: a comment is added
     open-h5py         a copy, opened for writing and closed without an edit
     objects           object by object with h5py, which loses the ties between axes and maps
     wrong-VARIABLE    a copy, edited in place: its first finite value is changed
"""

import shutil
import sys

import h5netcdf
import h5py
import netCDF4
import numpy as np
import xarray as xr


def rows(source, target):
    with netCDF4.Dataset(source) as a, netCDF4.Dataset(target, "w") as b:
        b.setncatts(a.__dict__)
        for name, dimension in a.dimensions.items():
            b.createDimension(name, len(dimension))
        for name, variable in a.variables.items():
            attributes = variable.__dict__
            fill = attributes.pop("_FillValue", None)
            copy = b.createVariable(name, variable.datatype, variable.dimensions, fill_value=fill)
            copy.setncatts(attributes)
            copy[...] = variable[...]


def arrays(path):
    def rewrite(_, thing):
        for name, value in list(thing.attrs.items()):
            if name in ("CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_FillValue"):
                continue
            value = np.asarray(value)
            if value.dtype.kind == "S" and value.shape:
                continue
            if value.dtype.kind == "S":
                thing.attrs.create(name, [value[()].decode()], dtype=h5py.string_dtype())
            elif value.size == 1:
                thing.attrs[name] = value.astype("i8" if value.dtype.kind in "iu" else "f8").reshape(1)

    with h5py.File(path, "a") as file:
        rewrite("/", file)
        file.visititems(rewrite)
        for name in [name for name, data in file.items() if isinstance(data, h5py.Dataset) and data.shape == ()]:
            value = file[name][()]
            del file[name]
            file[name] = np.array([value])


def objects(source, target):
    with h5py.File(source) as a, h5py.File(target, "w") as b:
        for name, value in a.attrs.items():
            b.attrs[name] = value
        for name in a:
            a.copy(name, b)


def wrong(path, variable):
    with h5py.File(path, "a") as file:
        values = file[variable][...]
        place = tuple(np.argwhere(np.isfinite(values))[0])
        values[place] += 0.5
        file[variable][...] = values


for argument in sys.argv[2:]:
    source = sys.argv[1]
    way, target = argument.split("=", 1)
    if way.startswith("xarray-"):
        with xr.open_dataset(source, engine=way[7:]) as data:
            data.to_netcdf(target, engine=way[7:])
    elif way == "unlimited":
        with xr.open_dataset(source) as data:
            data.to_netcdf(target, unlimited_dims=[list(data.dims)[0]])
    elif way == "rows":
        rows(source, target)
    else:
        shutil.copy(source, target)
        if way == "arrays":
            arrays(target)
        elif way == "edit-netcdf4":
            with netCDF4.Dataset(target, "a") as file:
                file.comment = "edited"
        elif way == "edit-h5py":
            with h5py.File(target, "a") as file:
                file.attrs["comment"] = "edited"
        elif way == "edit-h5netcdf":
            with h5netcdf.File(target, "a") as file:
                file.attrs["comment"] = "edited"
        elif way == "open-h5py":
            h5py.File(target, "a").close()
        elif way == "objects":
            objects(source, target)
        elif way.startswith("wrong-"):
            wrong(target, way.removeprefix("wrong-"))
        else:
            sys.exit(f"there is no way '{way}'")
